import { describe, expect, it } from 'vitest';
import { studies } from '../index.ts';
import { misstatementsOf, writeUpName, writeUps } from './index.ts';

/** Studies of claims that none of the write-ups makes. */
const beyond: readonly string[] = [
  'santurkar2018/noise-alone',
  'bjorck2018/cancelling-sums',
  'santurkar2018/landscape-linear',
  'santurkar2018/definitions',
  'ioffe2015/inference',
  'ioffe2015/jacobian',
  'dinh2017/rescaling',
  'ghorbani2019/outliers',
  'yao2020/shallow',
  'cai2019/least-squares',
  'li2020/exponential-rate',
  'daneshmand2020/rank',
  'balduzzi2017/shattering',
  'de2020/branch-scaling',
  'de2020/skip-init',
  'cohen2021/edge',
  'andreyev2024/batch-sharpness',
  'andreyev2024/batch-norm',
  'lyu2022/spherical-sharpness',
  'frankle2021/affine-alone',
];

const registered = studies.map(({ name }) => name);
const exhibits = writeUps.flatMap((writeUp) => writeUp.exhibits);
const statements = writeUps.flatMap(({ misstatements, agreements }) => [...misstatements, ...agreements]);
const linked = new Set([...exhibits.flatMap((exhibit) => exhibit.studies), ...statements.map(({ study }) => study)]);

describe('the write-ups', () => {
  it('call for studies that exist', () => {
    expect([...linked].filter((name) => !registered.includes(name))).toEqual([]);
  });

  it('are linked to every study of a claim that they make', () => {
    expect(registered.filter((name) => !linked.has(name) && !beyond.includes(name))).toEqual([]);
    expect(beyond.filter((name) => linked.has(name))).toEqual([]);
  });

  it('have a key each, and say everything in words', () => {
    expect(new Set(writeUps.map(({ key }) => key)).size).toBe(writeUps.length);
    for (const { key } of writeUps) expect(key).toMatch(/^[a-z]+$/);
    for (const { says, source } of statements) for (const text of [says, source]) expect(text).toMatch(/^\S.*\.$/);
    for (const exhibit of exhibits) {
      expect(exhibit.quote.length).toBeGreaterThan(10);
      expect(exhibit.quote.length).toBeLessThan(180);
      expect(exhibit.published).toMatch(/ \d{4}/);
      expect(exhibit.studies.length).toBeGreaterThan(0);
    }
  });

  it('have the table of slips whole', () => {
    expect(writeUps.map(({ misstatements }) => misstatements.length)).toEqual([5, 2, 3, 2]);
    expect(writeUps.map(({ agreements }) => agreements.length)).toEqual([0, 1, 0, 1]);
    const lost = writeUps.map((writeUp) => writeUp.exhibits.filter(({ form }) => form === 'lost picture').length);
    expect(lost).toEqual([6, 0, 3, 6]);
  });
});

describe('misstatementsOf()', () => {
  it('finds what is said of a study, with who says it', () => {
    const found = misstatementsOf('santurkar2018/landscape');
    expect(found.map(({ writeUp }) => writeUpName(writeUp))).toEqual(Array(3).fill('Kevin Koehncke 2018'));
    expect(misstatementsOf('ioffe2015/scale')).toEqual([]);
  });
});
