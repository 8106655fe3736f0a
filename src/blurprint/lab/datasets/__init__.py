"""What networks learn from: rendered pictures with known blur, and folders of photographs."""
