"""Networks that ship: each an ONNX file with its card (JSON)."""
