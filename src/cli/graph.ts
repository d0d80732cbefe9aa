/** @file `normscope graph`: a network's forward or training graph as text, or as an ONNX file. */

import { Command, Option } from 'commander';
import type { Graph } from '../graph/graph.ts';
import { printGraph } from '../graph/print.ts';
import { models } from '../models/index.ts';
import { encodeModel } from '../onnx/encode.ts';
import { writeFileAtomic } from '../records/atomic.ts';
import { lower, loweringName } from '../runtime/lowering-choice.ts';
import { buildNetwork } from '../train/network-graph.ts';
import { buildStep } from '../train/step-graph.ts';
import { addNetworkOptions, type NetworkOptions, networkFrom } from './network-options.ts';
import { loweringOption } from './options.ts';
import { print } from './output.ts';

interface GraphOptions extends NetworkOptions {
  readonly training?: boolean;
  readonly lowering: string;
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
    .addOption(loweringOption().default('reference'))
    .addOption(new Option('--out <file>', 'write an ONNX file instead of text'))
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope graph mlp --batch 2\n' +
        '  $ normscope graph resnet20 --training --out resnet20-step.onnx\n',
    )
    .action((model: string, options: GraphOptions) => {
      const graph = chosenGraph(model, options);
      if (options.out === undefined) return print(printGraph(graph).trimEnd());
      writeFileAtomic(options.out, encodeModel(lower(graph, { lowering: loweringName(options.lowering) })));
      return print(`Wrote ${graph.nodes.length} operations to ${options.out}`);
    });
}

function chosenGraph(model: string, options: GraphOptions): Graph {
  const spec = networkFrom(model, options);
  if (options.training === true) return buildStep('step', spec, { momentum: 0.9, weightDecay: 0, nesterov: false });
  const { g, logits } = buildNetwork(spec, 'eval');
  return g.finish(model, { logits });
}
