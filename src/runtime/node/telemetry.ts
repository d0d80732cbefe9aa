/**
 * @file Turns off ONNX Runtime's telemetry, which is on by default: it would report its use to its makers, and keep a device
 * number in the user's cache. Imported before ORT, and by the thread that starts a worker, whose environment is a copy.
 */

process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
