import { describe, expect, it } from 'vitest';
import { courseOf, seedOf } from './course.ts';
import { tours } from './tours/index.ts';

describe('a course', () => {
  it('has tours in the order of the address, and no student until there is one', () => {
    expect(courseOf('noise,large-rates', undefined)).toEqual({ tours: ['noise', 'large-rates'], student: undefined });
    expect(courseOf('noise', '')).toEqual({ tours: ['noise'], student: undefined });
    expect(courseOf('noise', 'B-07')).toEqual({ tours: ['noise'], student: 'B-07' });
  });

  it.each(['a b', 'é', '1/2', '1\n', '<b>', '%20', '1'.repeat(33)])('takes no student %j', (student) => {
    expect(() => courseOf('noise', student)).toThrow(/must be 1 to 32 of the letters A to Z, digits and '-'/);
  });
});

describe('the seed of a student', () => {
  it('is the hash that another program makes', () => {
    // By a program of Python, held to the published value of FNV-1a for 'foobar', bf9cf968. On record: submissions of
    // earlier versions must have the same.
    expect(seedOf('12345', 'large-rates')).toBe(5711);
    expect(seedOf('B-07', 'depth')).toBe(8316);
  });

  it('is seldom that of another student or tour, and any of 0 … 9999', () => {
    const students = Array.from({ length: 200 }, (_, i) => String(10_000 + i));
    const seeds = students.flatMap((student) => tours.map(({ name }) => seedOf(student, name)));
    // Of 1800 draws from 10,000, 10,000 · (1 − e^−0.18) = 1647 are expected to differ, give or take 12.
    expect(new Set(seeds).size).toBeGreaterThan(1590);
    expect(Math.min(...seeds)).toBeLessThan(100);
    expect(Math.max(...seeds)).toBeGreaterThan(9900);
    expect(Math.max(...seeds)).toBeLessThan(10_000);
  });
});
