import { canonicalJson } from '../../records/canonical-json.ts';
import type { HeldProbe } from '../../records/cell.ts';

/** What tells each probe of a cell from others of its name: its settings, where there are such; undefined where there are none. */
export function tellingSettings(probes: readonly HeldProbe[]): readonly (string | undefined)[] {
  const names = probes.map(({ name }) => name);
  return probes.map(({ name, settings }) =>
    names.indexOf(name) === names.lastIndexOf(name) ? undefined : canonicalJson(settings),
  );
}
