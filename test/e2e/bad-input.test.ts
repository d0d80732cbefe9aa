import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { need } from '../../src/errors.ts';
import { type Ending, patience, Place } from './command-line.ts';

const place = new Place();

/** What is wrong, the words typed, and what the message must say. */
type Refusal = readonly [what: string, command: string, message: RegExp];

const unknownNames: readonly Refusal[] = [
  ['a command', 'reprodcue', /unknown command 'reprodcue'\n\(Did you mean reproduce\?\)/i],
  ['a command to explain', 'help rnu', /Unknown command 'rnu'; did you mean 'run'\?/],
  ['an option', 'run mlp --epoch 2', /unknown option '--epoch'\n\(Did you mean --epochs\?\)\nSee: normscope help run/i],
  ['a model', 'run resnet21', /Unknown model 'resnet21'; did you mean 'resnet20'\?/],
  ['a model far from all', 'graph transformer', /Unknown model 'transformer'; known: mlp, vgg11, .*resnet110/],
  ['a norm', 'run mlp --norm bacth', /Unknown norm 'bacth'; did you mean 'batch'\?/],
  ['a norm of a graph', 'graph mlp --norm xyzzy', /Unknown norm 'xyzzy'; known: none, batch/],
  ['a norm to bench', 'bench --norm bath', /Unknown norm 'bath'; did you mean 'batch'\?/],
  ['a claim', 'reproduce santurkar2018/landscpe', /Unknown claim .*; did you mean 'santurkar2018\/landscape'\?/],
  ['a tag', 'reproduce --tag smothness', /Unknown tag 'smothness'; did you mean 'smoothness'\?/],
  ['a probe', 'run mlp --probe lanscape', /Unknown probe 'lanscape'; did you mean 'landscape'\?/],
  ['a schedule', 'run mlp --schedule cosin', /Unknown schedule 'cosin'; did you mean 'cosine'\?/],
  ['a data set', 'run mlp --dataset mnits', /Unknown data set 'mnits'; did you mean 'mnist'\?/],
  ['a data set to fetch', 'data mnist cifar100', /Unknown data set 'cifar100'; did you mean 'cifar10'\?/],
  ['a lowering', 'run mlp --lowering portble', /Unknown lowering 'portble'; did you mean 'portable'\?/],
  ['a form of convolution', 'run mlp --convolution winograd3', /Unknown convolution .*; did you mean 'winograd4'\?/],
  [
    'a form that a lowering does not have',
    'run mlp --lowering reference --convolution winograd2',
    /Lowering reference computes convolutions as direct, got winograd2; try direct/,
  ],
  ['a budget', 'reproduce --budget fast', /'fast' is invalid\. Allowed choices are quick, standard, paper\./],
  ['an activation', 'run mlp --activation rleu', /'rleu' is invalid\. Allowed choices are relu, sigmoid/],
  [
    'a field of a protocol',
    'reproduce santurkar2018/landscape --set stepps=5',
    /Unknown setting 'stepps'; did you mean 'steps'\?/,
  ],
  [
    'a model in a protocol',
    'reproduce santurkar2018/landscape --set model=vgg12',
    /Unknown model 'vgg12'; did you mean 'vgg11'\?/,
  ],
  [
    'an initialiser in a protocol',
    'reproduce santurkar2018/landscape --set initialiser=glrot',
    /Unknown initialiser .*'glorot'\?/,
  ],
];

const badValues: readonly Refusal[] = [
  ['a build that is not there', 'bench --against pytorch', /torch, none, or the folder of another checkout.*no such/],
  ['a folder that is no checkout', 'bench --against .', /must be a checkout of normscope, whose package\.json says so/],
  ['no model', 'run', /missing required argument 'model'/i],
  ['a second model', 'run mlp vgg11', /too many arguments for 'run'\. Expected 1 argument but got 2/i],
  ['an option without its value', 'run mlp --lr', /argument missing/],
  ['a word for a number', 'run mlp --lr high', /'high' is invalid\. It must be a number\./],
  [
    'momentum for Adam',
    'run mlp --optimiser adam --momentum 0.9',
    /--momentum belongs to --optimiser sgd, got it with adam/,
  ],
  ['a negative learning rate', 'run mlp --lr -0.1', /learning rate must be positive, got -0\.1; try 0\.1/],
  ['a rate below all of float32', 'run mlp --lr 1e-50', /must have a size that float32 holds, .*, got 1e-50; try 0\.1/],
  ['a rate above all of float32', 'run mlp --lr 1e39', /must have a size that float32 holds, .*, got 1e\+39; try 0\.1/],
  [
    'momentum that becomes 1',
    'run mlp --momentum 0.999999999',
    /below 1 as float32 holds it.*which becomes 1; try 0\.9/,
  ],
  ['an epsilon above all of float32', 'run mlp --norm-set epsilon=1e40', /epsilon must have a size that float32 holds/],
  ['the same in a graph', 'graph mlp --norm-set epsilon=1e40', /epsilon must have a size that float32 holds/],
  ['layers beyond all memory', 'run mlp --width 1e39', /at most, got 'dense1\/weight' .*; use a smaller width/],
  ['a width of zero', 'run mlp --width 0', /Width must be a positive multiple .*, got 0; try 1 or 0\.25/],
  ['a width of zero in a graph', 'graph vgg11 --width 0', /Width must be a positive multiple .*, got 0/],
  ['no steps', 'run mlp --steps 0', /'0' is invalid\. It must be a whole number of at least 1\./],
  ['a seed that no record can hold', 'run mlp --seed 4294967296', /whole number from 0 to 2147483647/],
  ['more threads than make sense', 'run mlp --threads 5000', /whole number from 1 to 256/],
  ['momentum beyond one', 'run mlp --momentum 1.5', /Momentum must lie in \[0, 1\), got 1\.5; try 0\.9/],
  ['negative weight decay', 'run mlp --weight-decay -1', /Weight decay must be 0 or more, got -1/],
  ['a layer that is not there', 'run mlp --normalised 4', /layers must lie in 1 … 3 .*, got 4/],
  ['a list with a hole', 'run mlp --normalised 1,,2', /takes all, last, or a list such as 1,3, got '1,,2'/],
  [
    'a setting without a value',
    'reproduce santurkar2018/landscape --set steps',
    /'steps' is invalid\. It must be key=value\./,
  ],
  [
    'a word for a setting',
    'reproduce santurkar2018/landscape --set steps=many',
    /Setting 'steps' must be a number, got 'many'/,
  ],
  [
    'a range without a count',
    'reproduce santurkar2018/landscape --set learningRates=0.1:0.2',
    /a list 'a,b,c' or a range 'lo:hi:n'/,
  ],
  [
    'a protocol of half a step',
    'reproduce santurkar2018/landscape --set steps=2.5',
    /Steps must be a whole number of at least 1, got 2\.5/,
  ],
  [
    'a protocol of no width',
    'reproduce santurkar2018/landscape --set width=0',
    /Width must be a positive multiple .*, got 0/,
  ],
  [
    'a probe that never measures',
    'reproduce santurkar2018/landscape --set every=0',
    /Setting 'every' of probe 'landscape' must be a number of steps between measurements, 1 or more, got 0/,
  ],
];

const impossibleCombinations: readonly Refusal[] = [
  [
    'an option of a file with a model to diagnose',
    'diagnose --model mlp --data synthetic --write n.onnx',
    /--write is of an ONNX file, got it with --model; leave it out/,
  ],
  [
    'an option of a model with a file to diagnose',
    'diagnose n.onnx --data synthetic --norm layer',
    /--norm is of --model, got it with an ONNX file; leave it out/,
  ],
  [
    'an option of a model with a run to diagnose',
    'diagnose some-run --width 0.5',
    /--width is of --model, got it with the folder of a run; leave it out/,
  ],
  [
    'batch norm on batches of one',
    'run mlp --batch 1',
    /needs at least 2 values per statistic to train, but layer 'dense1\/norm' gets \[1,100\]/,
  ],
  [
    'the same in a graph',
    'graph mlp --batch 1 --training',
    /needs at least 2 values per statistic to train.*use a batch/,
  ],
  [
    'the same in a protocol',
    'reproduce santurkar2018/landscape --set model=mlp --set dataset=mnist --set batchSize=1',
    /needs at least 2 values per statistic to train/,
  ],
  [
    'instance norm on features',
    'run mlp --norm instance',
    /gets \[128,100\], which gives it 1; use a norm that pools over/,
  ],
  [
    'groups that do not divide',
    'run mlp --norm group --norm-set groups=32',
    /groups must divide the channels C, got groups = 32, C = 100; try groups = 25/,
  ],
  [
    'groups that divide one layer and not another',
    'run resnet20 --norm group --width 0.3',
    /groups must divide the channels C, got groups = 4, C = 5; try groups = 1/,
  ],
  [
    'ghost batches of one',
    'run mlp --norm ghost-batch --norm-set ghostSize=1',
    /gets \[128,100\], which gives it 1; try ghostSize = 2/,
  ],
  [
    'ghost batches that do not divide',
    'run mlp --norm ghost-batch --batch 48',
    /ghostSize must divide the batch N, got ghostSize = 32, N = 48; try ghostSize = 24/,
  ],
  [
    'a weight norm after the activation',
    'run mlp --norm weight --placement after',
    /has no place after the activation; use/,
  ],
  [
    'a threshold in place of tanh',
    'graph vgg11 --norm filter-response --activation tanh',
    /got activation tanh; leave it/,
  ],
  [
    'a norm setting that does not exist',
    'run mlp --norm-set group=2',
    /Unknown setting 'group'; did you mean 'groups'/,
  ],
  ['a negative epsilon', 'graph mlp --norm-set epsilon=-1', /Norm setting epsilon must be 0 or more, got -1; try 1e-5/],
  [
    'a setting for many claims',
    'reproduce --set seeds=4',
    /--set changes the protocol of one claim, but \d+ are chosen; name one/,
  ],
  [
    'a network of one’s own between builds',
    'bench --against . --width 0.5 --norm none',
    /whose networks are fixed, got --width, --norm; --model, --only and --threads narrow them/,
  ],
  [
    'a network that no loop between builds trains',
    'bench --against . --model resnet56',
    /No loop trains resnet56; between builds there are mlp, vgg11, resnet20/,
  ],
  ['a batch larger than the data', 'run mlp --batch 60001', /batch must fit the data: got 60001 for 60000 examples/],
  ['the same in a protocol', 'reproduce santurkar2018/landscape --set batchSize=50001', /got 50001 for 50000 examples/],
  [
    'too few seeds for an interval',
    'reproduce --seeds 2',
    /'2' is invalid\. It must be a whole number of at least 3\./,
  ],
  [
    'the same as a setting',
    'reproduce santurkar2018/landscape --set seeds=2',
    /interval needs at least 3 seeds, got 2; use --seeds 3 or more/,
  ],
  ['--resume without a run', 'run mlp --resume', /--resume needs --out DIR, the run to resume/],
  ['the same for claims', 'reproduce --resume', /--resume needs --out DIR, the run to resume/],
  ['--every without a probe', 'run mlp --every 5', /--every needs a --probe to measure with/],
  [
    'a setting that a probe lacks',
    'run mlp --probe landscape --probe-set multiple=1',
    /Probe 'landscape' has no setting 'multiple'; it has every, multiples, random, seed/,
  ],
  ['--data without a name', 'data --data .', /--data needs the name of the data set/],
  [
    'a protocol without its control',
    'reproduce santurkar2018/landscape --set multiples=1,2',
    /The control needs step size 0\.01/,
  ],
];

describe.each([
  ['an unknown name', unknownNames],
  ['a bad value', badValues],
  ['an impossible combination', impossibleCombinations],
])('%s', (_, refusals) => {
  const calls = refusals.map(([, command]) => ({ cwd: place.newFolder(), args: command.split(' ') }));
  let endings: readonly Ending[];
  beforeAll(async () => {
    endings = await place.runEach(calls);
  }, patience);

  it.each(refusals.map(([what, command, message], i) => [what, command, message, i] as const))(
    '%s: %s',
    (_what, _command, message, i) => {
      const { code, stdout, stderr } = need(endings[i], 'an ending');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/^normscope: [A-Z-]/);
      expect(stderr).not.toMatch(/\n {4}at /);
      expect(readdirSync(need(calls[i], 'a call').cwd)).toEqual([]);
    },
  );

  it('ends and says the same in a process of its own', async () => {
    const args = need(calls[0], 'a call').args;
    expect(await place.run(place.newFolder(), args)).toEqual(endings[0]);
  });
});

it('prints the whole help, as an error, where nothing is asked for', async () => {
  const { code, stdout, stderr } = await place.run(place.newFolder(), []);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Usage: normscope/);
  expect(stderr).toMatch(/Exit codes:/);
});
