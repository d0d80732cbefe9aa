/** @file What the page holds: the lives of its arms, what is looked at, and the clock that lets them step together. */

import { computed, effect, type ReadonlySignal, signal, type Signal } from '@preact/signals';
import { addressOf, distinctNames, MOST_ARMS, type HiddenPart, type Scene } from '../address.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Course } from '../course.ts';
import type { InstrumentName } from '../instrument-names.ts';
import type { NetworkFile } from '../own-network.ts';
import type { ArmSettings, SettingName } from '../settings.ts';
import { Life, type Supplies } from './life.ts';
import { Notes } from './notes.ts';

/** How fast arms go: as they can, or so many steps a second. */
export const speeds = ['full', '10', '1'] as const;
export type Speed = (typeof speeds)[number];

/** Steps that an arm may be ahead of the slowest, as a share of what it takes in a second. */
const LEAD_SECONDS = 0.15;

/** What settings of the lab's own networks are for an arm that has another. */
const ofFile = { network: 'mlp', norm: 'batch', device: 'processor' } as const;

export class Lab {
  readonly catalogue: Catalogue;
  readonly lives: Signal<readonly Life[]> = signal([]);
  readonly isPlaying: Signal<boolean> = signal(false);
  readonly speed: Signal<Speed> = signal('full');
  readonly steps: Signal<number>;
  readonly look: Signal<readonly InstrumentName[]>;
  readonly hidden: Signal<readonly HiddenPart[]>;
  readonly tour: Signal<string | undefined>;
  readonly course: Signal<Course | undefined>;
  /** Of the student of the course, once there is one. */
  readonly notes: ReadonlySignal<Notes | undefined> = computed(() => {
    const student = this.course.value?.student;
    return student === undefined ? undefined : new Notes(student);
  });
  /** The step that is looked at; undefined for the latest. */
  readonly cursor: Signal<number | undefined> = signal(undefined);
  /** The step that the arm which is furthest has reached. */
  readonly furthest: ReadonlySignal<number> = computed(() =>
    Math.max(0, ...this.lives.value.map(({ step }) => step.value)),
  );
  /** Whether no arm goes on any more: they took all steps, or cannot. */
  readonly hasEnded: ReadonlySignal<boolean> = computed(() =>
    this.lives.value.every(
      ({ step, status }) =>
        step.value >= this.steps.value || status.value.kind === 'lost' || status.value.kind === 'failed',
    ),
  );
  readonly #supplies: Supplies;
  #allowed = 0;
  #last = 0;
  /** Steps a second, of the slowest arm, smoothed. */
  #pace = 20;
  #seen = { at: 0, step: 0 };

  constructor(catalogue: Catalogue, scene: Scene, supplies: Omit<Supplies, 'instruments'>) {
    this.catalogue = catalogue;
    this.steps = signal(scene.steps);
    this.look = signal(scene.look);
    this.hidden = signal(scene.hidden);
    this.tour = signal(scene.tour);
    this.course = signal(scene.course);
    this.#supplies = { ...supplies, instruments: () => this.look.peek() };
    this.#begin(scene);
    // What is set is in the address at any time, so that a link shows another the same.
    effect(() => history.replaceState(null, '', `#${addressOf(catalogue.fields, this.scene)}`));
    const tick = (now: number): void => {
      this.#tick(now);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  /** All that an address carries: lives that parted from others, and networks of files, are left out. */
  get scene(): Scene {
    const arms = this.lives.value
      .filter(({ parting, file }) => parting === undefined && file === undefined)
      .map(({ name, settings }) => ({ name: name.value, settings: settings.value }));
    const [steps, look, hidden, tour] = [this.steps.value, this.look.value, this.hidden.value, this.tour.value];
    return { arms, steps, look, hidden, tour, course: this.course.value };
  }

  /** Ends all lives and begins those of another scene, within the course that there is. */
  enter(scene: Scene): void {
    this.isPlaying.value = false;
    this.steps.value = scene.steps;
    this.look.value = scene.look;
    this.hidden.value = scene.hidden;
    this.tour.value = scene.tour;
    this.#begin(scene);
  }

  play(): void {
    const at = this.cursor.peek();
    if (at === undefined) this.#play();
    else void this.backTo(at).then(() => this.#play());
  }

  pause(): void {
    this.isPlaying.value = false;
    for (const life of this.lives.value) life.go(0);
  }

  /** One step of every arm; or, where an earlier one is looked at, the look goes on by one. */
  stepOnce(): void {
    this.pause();
    const at = this.cursor.peek();
    if (at !== undefined) {
      this.cursor.value = at + 1 >= this.furthest.peek() ? undefined : at + 1;
      return;
    }
    const next = this.#slowest() + 1;
    // Also of one that is still starting, which takes it then.
    for (const life of this.lives.value) life.go(next);
  }

  /** All arms from their beginning. */
  async restart(): Promise<void> {
    this.pause();
    this.cursor.value = undefined;
    await Promise.all(this.lives.value.map((life) => life.start()));
  }

  /** All arms to an earlier step; what came after it is forgotten, and comes out the same if nothing is changed. */
  async backTo(step: number): Promise<void> {
    this.pause();
    await Promise.all(this.lives.value.map((life) => life.back(Math.max(step, life.parting?.step ?? 0))));
    this.cursor.value = undefined;
  }

  set(life: Life, name: SettingName, value: string | number): void {
    const settings = { ...life.settings.value, [name]: value } as ArmSettings;
    if (name === 'learningRate' && life.isRunning) return life.setRate(Number(value));
    life.settings.value = settings;
    this.cursor.value = undefined;
    void life.start();
  }

  /** Another arm, with the settings of the last. */
  add(): void {
    const last = this.lives.value.at(-1);
    if (last === undefined || this.isFull) return;
    this.#include(new Life(this.#freeName(last.name.value), last.settings.value, this.#supplies));
  }

  /** An arm whose network is a file's; nothing of it leaves the page. */
  addOwn(file: NetworkFile): void {
    const last = this.lives.value.at(-1);
    if (last === undefined || this.isFull) return;
    const settings = { ...last.settings.value, ...ofFile };
    const name = this.#freeName(file.name.replaceAll(',', ' ').slice(0, 40));
    this.#include(new Life(name, settings, this.#supplies, undefined, file));
  }

  /** A second life of an arm, which parts from it at the step that is looked at. */
  async fork(life: Life): Promise<void> {
    if (this.isFull) return;
    const at = this.cursor.peek() ?? life.step.peek();
    await this.backTo(at);
    const origin = await life.origin();
    if (origin === undefined) return;
    // Of the arm itself: the page may have heard of a step less.
    const { step } = origin.snapshot;
    const parting = { from: life.name.value, step, origin, past: life.history };
    const name = this.#freeName(life.name.value);
    this.#include(new Life(name, life.settings.value, this.#supplies, parting, life.file));
  }

  drop(life: Life): void {
    life.close();
    this.lives.value = this.lives.value.filter((one) => one !== life);
  }

  get isFull(): boolean {
    return this.lives.value.length >= MOST_ARMS;
  }

  toggle(instrument: InstrumentName, isShown: boolean): void {
    const others = this.look.value.filter((name) => name !== instrument);
    this.look.value = isShown ? [...others, instrument] : others;
    for (const life of this.lives.value) life.show(this.look.value);
  }

  #begin({ arms }: Scene): void {
    for (const life of this.lives.value) life.close();
    this.cursor.value = undefined;
    this.lives.value = arms.map(({ name, settings }) => new Life(name, settings, this.#supplies));
    for (const life of this.lives.value) void life.start();
  }

  #include(life: Life): void {
    this.lives.value = [...this.lives.value, life];
    void life.start();
  }

  #freeName(name: string): string {
    const arms = [...this.lives.value.map((life) => life.name.value), name];
    const settings = this.lives.value[0]?.settings.value as ArmSettings;
    return distinctNames(arms.map((one) => ({ name: one, settings }))).at(-1)?.name ?? name;
  }

  #play(): void {
    if (this.#slowest() >= this.steps.value) this.steps.value = Math.ceil((this.#slowest() + 1) / 100) * 100;
    this.#allowed = this.#slowest();
    this.isPlaying.value = true;
  }

  /** Steps taken by the arm that is furthest behind, of those that can go on. */
  #slowest(): number {
    const running = this.lives.value.filter(
      ({ status }) => status.value.kind === 'ready' || status.value.kind === 'starting',
    );
    return running.length === 0 ? this.furthest.value : Math.min(...running.map(({ step }) => step.value));
  }

  /** Called for each drawing of the page, so that a page which is not seen does not compute. */
  #tick(now: number): void {
    const passed = Math.min(0.2, (now - this.#last) / 1000);
    this.#last = now;
    if (!this.isPlaying.value) return;
    const slowest = this.#slowest();
    if (this.hasEnded.value) {
      this.pause();
      return;
    }
    this.#measure(now, slowest);
    const speed = this.speed.value;
    const ahead = Math.max(2, Math.round(this.#pace * LEAD_SECONDS));
    this.#allowed =
      speed === 'full' ? slowest + ahead : Math.min(this.#allowed + passed * Number(speed), slowest + ahead);
    const until = Math.min(this.steps.value, Math.max(slowest, Math.floor(this.#allowed)));
    for (const life of this.lives.value) if (life.isRunning) life.go(until);
  }

  #measure(now: number, step: number): void {
    const { at, step: before } = this.#seen;
    if (now - at < 250) return;
    if (step > before && at > 0) this.#pace = 0.5 * this.#pace + 0.5 * ((1000 * (step - before)) / (now - at));
    this.#seen = { at: now, step };
  }
}
