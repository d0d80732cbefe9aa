/** @file `normscope graph`: a network's forward or training graph as text, or as an ONNX file. */

import { Command, Option } from 'commander';
import type { Graph } from '../graph/graph.ts';
import { printGraph } from '../graph/print.ts';
import { models } from '../models/index.ts';
import { encodeModel } from '../onnx/encode.ts';
import { writeFileAtomic } from '../records/atomic.ts';
import { lower } from '../runtime/lowering-choice.ts';
import { buildNetwork } from '../train/network-graph.ts';
import { buildStep } from '../train/step-graph.ts';
import { addNetworkOptions, type NetworkOptions, networkFrom } from './network-options.ts';
import { type DeviceOptions, jsonOption, loweringOption } from './options.ts';
import { type OutputOptions, print, printJson } from './output.ts';

interface GraphOptions extends NetworkOptions, OutputOptions, Pick<DeviceOptions, 'lowering'> {
  readonly training?: boolean;
  readonly out?: string;
}

export function graphCommand(): Command {
  const command = new Command('graph')
    .summary('print a network as text, or write it as ONNX')
    .description(
      'Prints the logical graph of a network: inputs with their roles, and one line per node. With ' +
        '--out FILE.onnx writes it as a lowering makes it; --lowering reference is plain ONNX.',
    )
    .argument('<model>', `one of ${Object.keys(models).join(', ')}`);
  return addNetworkOptions(command)
    .addOption(new Option('--training', 'the whole training step: forward, backward and optimiser'))
    .addOption(loweringOption('reference'))
    .addOption(new Option('--out <file>', 'write an ONNX file instead of text'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope graph mlp --batch 2\n' +
        '  $ normscope graph resnet20 --training --out resnet20-step.onnx\n',
    )
    .action((model: string, options: GraphOptions) => {
      const graph = chosenGraph(model, options);
      const { out, json } = options;
      if (out !== undefined) writeFileAtomic(out, encodeModel(lower(graph, options)));
      if (json === true) return printJson(out === undefined ? graph : { out, operations: graph.nodes.length });
      return print(
        out === undefined ? printGraph(graph).trimEnd() : `Wrote ${graph.nodes.length} operations to ${out}`,
      );
    });
}

function chosenGraph(model: string, options: GraphOptions): Graph {
  const spec = networkFrom(model, options);
  if (options.training === true) return buildStep('step', spec, { momentum: 0.9, weightDecay: 0, nesterov: false });
  const { g, logits } = buildNetwork(spec, 'eval');
  return g.finish(model, { logits });
}
