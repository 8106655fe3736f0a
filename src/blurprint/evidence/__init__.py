"""What a defocus map says: named measurements with unit, value and one plain sentence."""
