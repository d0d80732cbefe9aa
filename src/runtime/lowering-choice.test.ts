import { describe, expect, it } from 'vitest';
import { buildGraph } from '../testing/evaluate.ts';
import {
  allLowerings,
  convolutionName,
  convolutionNames,
  lower,
  type LoweringSettings,
  loweringText,
  referenceLowering,
  resolveLowering,
} from './lowering-choice.ts';

describe('resolveLowering()', () => {
  it.each<[LoweringSettings, string]>([
    [{ lowering: 'portable' }, 'winograd4'],
    [{ lowering: 'portable', convolution: 'winograd2' }, 'winograd2'],
    [{ lowering: 'reference' }, 'direct'],
  ])('of %j says how it convolves: %s', (settings, convolution) => {
    expect(resolveLowering(settings)).toEqual({ ...settings, convolution });
  });

  it('keeps the other settings', () => {
    expect(resolveLowering({ lowering: 'reference', threads: 3 })).toEqual({ ...referenceLowering, threads: 3 });
  });

  it('refuses a form that a lowering does not have', () => {
    expect(() => resolveLowering({ lowering: 'reference', convolution: 'winograd4' })).toThrow(
      expect.objectContaining({
        name: 'SettingError',
        message: 'Lowering reference computes convolutions as direct, got winograd4; try direct',
      }),
    );
  });
});

describe('convolutionName()', () => {
  it('knows every form, and the nearest to a misspelt one', () => {
    expect(convolutionNames.map(convolutionName)).toEqual(convolutionNames);
    expect(() => convolutionName('wingrad2')).toThrow("Unknown convolution 'wingrad2'; did you mean 'winograd2'?");
    // No property of the table's own prototype.
    expect(() => convolutionName('toString')).toThrow('Unknown convolution');
  });
});

describe('allLowerings', () => {
  it('hold plain ONNX, and each combination once', () => {
    const texts = allLowerings.map(loweringText);
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts).toContain(loweringText(referenceLowering));
  });
});

describe('lower()', () => {
  const graph = buildGraph('float32', (g) => {
    const x = g.input('x', [2, 9, 13, 10], { kind: 'data' });
    const w = g.input('w', [11, 9, 3, 3], { kind: 'data' });
    return { y: g.emit('Conv', [x, w], { strides: [1, 1], pads: [1, 1, 1, 1] }) };
  });
  const nodes = (settings: LoweringSettings): string => JSON.stringify(lower(graph, settings, 'scratch').nodes);

  it('computes a 3 × 3 convolution in each form that is asked for', () => {
    const forms = convolutionNames.map((convolution) => nodes({ lowering: 'portable', convolution }));
    expect(new Set(forms).size).toBe(convolutionNames.length);
  });

  it('takes the usual form where none is named', () => {
    expect(lower(graph, { lowering: 'portable' }, 'scratch')).toEqual(
      lower(graph, { lowering: 'portable', convolution: 'winograd4' }, 'scratch'),
    );
  });
});
