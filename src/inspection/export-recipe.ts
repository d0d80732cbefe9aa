/** @file How to export a network of PyTorch so that its norms stay in the file. */

/**
 * A program of Python, to be adapted in its first lines. In evaluation mode, since exporting in training mode moves running
 * statistics; PRESERVE and no folding, since everything else folds norms into convolutions; an example of two and an open first
 * axis, since a batch of 1 is built into what reshapes.
 *
 * Tested with PyTorch 1.13 (whose `export` has no `dynamo`): of a convolution with a batch norm, both are in the file.
 */
export const exportRecipe = `import copy, inspect, torch

example = torch.randn(2, 3, 32, 32)   # of your network's size
options = {"dynamo": False} if "dynamo" in inspect.signature(
    torch.onnx.export).parameters else {}
torch.onnx.export(
    copy.deepcopy(model).eval(), example, "model.onnx", opset_version=14,
    training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
    input_names=["x"], output_names=["y"],
    dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, **options)`;
