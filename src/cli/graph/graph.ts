/** @file `normscope graph`: a network's forward or training graph as text, as a picture, or as an ONNX file. */

import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { counted } from '../../counted.ts';
import { SettingError, unknownName } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import { printGraph } from '../../graph/print.ts';
import { modelName, models } from '../../models/index.ts';
import { exportModel } from '../../onnx/export.ts';
import { renderFigure } from '../../report/figure/figure.ts';
import { type Detail, graphDiagram } from '../../report/graph/graph-diagram.ts';
import { version } from '../../report/node/version.ts';
import { type LoweringSettings, lower, loweringName, loweringNames } from '../../runtime/lowering-choice.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { buildStep } from '../../train/step-graph.ts';
import { type ExampleOptions, formOption, showExample, valuesOption } from './batch-norm-graph.ts';
import { openRun } from '../diagnose/diagnosed-run.ts';
import { writeGraph } from './graph-file.ts';
import { addNetworkOptions, type NetworkOptions, problemFrom } from '../run/network-options.ts';
import { convolutionOption, givenOption, jsonOption } from '../options.ts';
import { print, printJson } from '../output.ts';
import { trainedNetwork } from './trained-network.ts';

interface GraphOptions extends NetworkOptions, ExampleOptions, LoweringSettings {
  readonly training?: boolean;
  readonly detail?: Detail;
}

/** Not a model: the norm by itself, number by number. */
const EXAMPLE = 'batch-norm';

export function graphCommand(): Command {
  const command = new Command('graph')
    .summary('show a network as text, as a picture or as ONNX')
    .description(
      'Prints the logical graph of a network: inputs with their roles, and one line per node. With --out it is ' +
        'written: as a picture to FILE.svg, as text to FILE.txt, as a lowering makes it to FILE.onnx (--lowering ' +
        `reference is plain ONNX).\n\n'graph ${EXAMPLE}' is batch normalisation of a few numbers, with the derivative ` +
        `along every edge, as text or as a picture.\n\n'graph RUN --out FILE.onnx' writes the network of a run as its ` +
        'training left it: weights inside, any number of examples, batch norms as one node each.',
    )
    .argument('<model>', `one of ${[...Object.keys(models), EXAMPLE].join(', ')}, or the folder of a run`);
  return addNetworkOptions(command)
    .addOption(new Option('--training', 'the whole training step: forward, backward and optimiser'))
    .addOption(
      new Option('--lowering <name>', `how the graph is written as ONNX: ${loweringNames.join(', ')}`)
        .argParser(loweringName)
        .default('reference'),
    )
    .addOption(convolutionOption())
    .addOption(
      new Option('--detail <level>', 'boxes of a picture (default: ops where they are few)').choices(['layers', 'ops']),
    )
    .addOption(formOption())
    .addOption(valuesOption())
    .addOption(new Option('--out <file>', 'write FILE.svg, FILE.onnx or FILE.txt instead'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope graph mlp --batch 2\n' +
        '  $ normscope graph resnet20 --training --out resnet20-step.onnx\n' +
        '  $ normscope graph resnet20 --training --out resnet20-step.svg\n' +
        '  $ normscope graph runs/20260301T090507Z-run-mlp-0a1b2c3d --out mlp.onnx\n' +
        '  $ normscope graph batch-norm --form one-pass --values 1,2,4 --out graph.svg\n',
    )
    .action((model: string, options: GraphOptions, command: Command) => {
      if (isRun(model)) return writeRun(model, options, command);
      requireFitting(model, command);
      return model === EXAMPLE ? showExample(options) : showNetwork(model, options);
    });
}

/** Throws for a model or an option that is not there, or that belongs to the other kind of graph. @throws {SettingError} */
function requireFitting(model: string, command: Command): void {
  if (model !== EXAMPLE && !Object.hasOwn(models, model)) {
    throw unknownName('model', model, [...Object.keys(models), EXAMPLE]);
  }
  const fits = (name: string): boolean =>
    model === EXAMPLE ? ['form', 'values', 'out', 'json'].includes(name) : name !== 'form' && name !== 'values';
  const foreign = givenOption(command, (name) => !fits(name));
  if (foreign === undefined) return;
  throw new SettingError(
    model === EXAMPLE
      ? `'graph ${EXAMPLE}' takes --form, --values, --out and --json, got ${foreign.long}`
      : `${foreign.long} belongs to 'graph ${EXAMPLE}', got it for '${model}'`,
  );
}

/** A folder, or a report in one: no network has such a name. */
function isRun(word: string): boolean {
  return existsSync(word) && !Object.hasOwn(models, word);
}

/** The network of a run as its training left it. @throws {SettingError} without --out FILE.onnx, or with options of networks */
function writeRun(word: string, { out, json }: GraphOptions, command: Command): void {
  const foreign = givenOption(command, (name) => name !== 'out' && name !== 'json');
  if (foreign !== undefined)
    throw new SettingError(`The network of a run is as it is, got ${foreign.long}; leave it out`);
  if (out === undefined) throw new SettingError(`Of a run, the trained network is written; add --out FILE.onnx`);
  const { name, problem, tensors } = openRun(word);
  const state = new Map([...tensors].map(([key, { data }]) => [key, data]));
  writeGraph(out, { '.onnx': () => trainedNetwork(problem, state) });
  if (json === true) printJson({ out, name });
  else print(`Wrote ${name}, in evaluation mode, to ${out}`);
}

function showNetwork(model: string, options: GraphOptions): void {
  const graph = chosenGraph(model, options);
  const { out, json, detail } = options;
  if (out !== undefined) {
    writeGraph(out, {
      '.onnx': () => exportModel(lower(graph, options, options.training === true ? 'state' : 'scratch'), version),
      '.svg': () => renderFigure(graphDiagram(graph, detail)),
      '.txt': () => printGraph(graph),
    });
  }
  if (json === true) return printJson(out === undefined ? graph : { out, operations: graph.nodes.length });
  return print(
    out === undefined ? printGraph(graph).trimEnd() : `Wrote ${counted(graph.nodes.length, 'operation')} to ${out}`,
  );
}

function chosenGraph(model: string, options: GraphOptions): Graph {
  const problem = problemFrom(modelName(model), options);
  const batchSize = options.batch;
  if (options.training === true) return buildStep('step', problem, batchSize, sgd({ momentum: 0.9 }));
  const { g, prediction } = problem.build({ mode: 'eval', batchSize });
  return g.finish(model, { logits: prediction });
}
