"""What blocks, by the path that defines it, and what to await instead.

Each module has three tables. `FUNCTIONS`: the path of a function, and its twin.
`METHODS`: the path of a class, its blocking methods (`*` is all but those after
a minus, `**` those of its attributes, too), and the class to use instead.
`MADE`: what a call, an attribute or an index of something gives, where the name
does not say it. Paths are as in `canonical`.
"""
