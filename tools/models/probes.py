"""The self-check's texts: a freshly opened session must reproduce their reference vectors before it serves.

Numbers, enumerations and repetitions are among them because saturating int8 kernels go wrong on these most; see
saturation.py.
"""

PROBES = [
    "A narrow bridge led across the river to the old mill.",
    "12 34 56 78 90 11 22 33",
    "El tren llega con doce minutos de retraso, señora.",
    "SELECT id, total FROM invoices WHERE paid = 0 AND due < '2024-01-31';",
    "(a) no (b) yes (c) maybe",
    "blue blue blue blue blue blue",
    "Bread begins with four things: flour, water, salt and yeast. Stir them together until no dry flour is left, cover "
    "the bowl and wait half an hour, because flour that has had time to drink needs far less kneading. Then stretch one "
    "side of the dough upward, fold it over the middle, turn the bowl and do the same again, until the dough resists. "
    "Repeat this every thirty minutes, three times in all. Let it rise at room temperature until it has grown by about "
    "two thirds and trembles when the bowl is shaken; in a cold kitchen that takes five hours, on a summer day barely "
    "three. Shape it gently into a ball, lay it with the seam upward in a floured basket and leave it in the refrigerator "
    "overnight. In the morning heat the oven with an iron pot inside, as hot as it will go. Turn the loaf into the pot, "
    "cut the top with a razor blade, close the lid and bake for twenty-five minutes; then take the lid off and bake until "
    "the crust is the color of chestnuts. Wait an hour before cutting, however good it smells.",
]
