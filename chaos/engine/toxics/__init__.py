"""The toxics: one file each (its settings and what it does to a stream), one registry that names them all."""
