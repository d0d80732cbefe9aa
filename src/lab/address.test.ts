import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { addressOf, MOST_ARMS, type Scene, sceneOf } from './address.ts';
import { catalogue } from './catalogue.ts';
import { resolveSettings } from './settings.ts';
import { tours } from './tours/index.ts';

const { fields } = catalogue(['fashion-mnist']);
const arm = (name: string, asked = {}) => ({ name, settings: resolveSettings(fields, asked) });
const usual: Scene = {
  arms: [arm('batch')],
  steps: 200,
  look: ['loss'],
  hidden: [],
  tour: undefined,
  course: undefined,
};

describe('a scene in an address', () => {
  it('says once what all arms share, and nothing that is as usual', () => {
    const scene: Scene = {
      arms: [arm('batch', { learningRate: 1, seed: 3 }), arm('no norm', { learningRate: 1, seed: 3, norm: 'none' })],
      steps: 150,
      look: ['loss', 'landscape'],
      hidden: ['settings'],
      tour: 'large-rates',
      course: undefined,
    };
    const address = addressOf(fields, scene);
    expect(address).toBe(
      'tour=large-rates&all=learningRate:1,seed:3&arm=batch&arm=no%20norm,norm:none&steps=150&look=loss,landscape&hide=settings',
    );
    expect(sceneOf(fields, address, usual)).toEqual(scene);
  });

  it('comes back as it was, whatever arms are called and told', () => {
    const settings = fc.record({
      norm: fc.constantFrom('batch', 'none', 'group'),
      learningRate: fc.double({ min: 1e-6, max: 1000, noNaN: true }),
      batchSize: fc.integer({ min: 1, max: 256 }),
      seed: fc.integer({ min: 0, max: 9999 }),
    });
    const name = fc.string({ minLength: 1, maxLength: 40, unit: 'binary' });
    const arms = fc.uniqueArray(fc.tuple(name, settings), {
      minLength: 1,
      maxLength: MOST_ARMS,
      selector: ([one]) => one,
    });
    const course = fc.record({
      tours: fc.shuffledSubarray(
        tours.map((tour) => tour.name),
        { minLength: 1 },
      ),
      student: fc.option(fc.stringMatching(/^[A-Za-z0-9-]{1,32}$/), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        arms,
        fc.integer({ min: 1, max: 20_000 }),
        fc.option(course, { nil: undefined }),
        (named, steps, course) => {
          const scene = { ...usual, arms: named.map(([one, asked]) => arm(one, asked)), steps, course };
          expect(sceneOf(fields, addressOf(fields, scene), usual)).toEqual(scene);
        },
      ),
    );
  });

  it('tells arms apart by their names, also where one has the name that another would be given', () => {
    const named = sceneOf(fields, 'arm=a&arm=a 2&arm=a', usual).arms.map(({ name }) => name);
    expect(named).toEqual(['a', 'a 2', 'a 3']);
  });

  it('has lists that are empty', () => {
    const scene = { ...usual, look: [] };
    expect(sceneOf(fields, addressOf(fields, scene), usual)).toEqual(scene);
  });

  it('leaves the rest as usual', () => {
    expect(sceneOf(fields, '', usual)).toEqual(usual);
    expect(sceneOf(fields, 'steps=7', usual)).toEqual({ ...usual, steps: 7 });
  });

  it.each([
    ['steps=0', /Steps must be a whole number from 1 to 20000, got "0"/],
    ['steps=1e9', /Steps/],
    ['arm=a&arm=b&arm=c&arm=d&arm=e', /1 to 4 arms, got 5/],
    ['arm=a,learningRate:-1', /learning rate/],
    ['arm=a,network:resnet200', /network/],
    ['arm=%E0%A4%A', /spelled as links are/],
    ['look=everything', /instrument/],
    ['hide=verdicts', /part/],
    ['course=', /1 to 20 different tours, got ""/],
    ['course=depth,depth', /different tours/],
    [`course=${Array.from({ length: 21 }, (_, i) => `t${i}`).join(',')}`, /1 to 20 different tours/],
    ['course=dept', /Unknown tour 'dept'; did you mean 'depth'/],
    ['student=12345', /A student must be of a course, got none/],
    ['course=depth&student=../x', /student number must be 1 to 32/],
    [`course=depth&student=${'1'.repeat(33)}`, /student number/],
    ['script=alert(1)', /part of an address/],
  ])('refuses %s', (address, message) => {
    expect(() => sceneOf(fields, address, usual)).toThrow(SettingError);
    expect(() => sceneOf(fields, address, usual)).toThrow(message);
  });

  it('refuses or reads any text, and fails by nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = (): unknown => sceneOf(fields, text, usual);
        const fate = settled(read);
        expect(fate instanceof Error ? fate : undefined).toSatisfy(
          (error) => error === undefined || error instanceof SettingError,
        );
      }),
    );
  });
});

/** What it returns, or throws. */
function settled(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
