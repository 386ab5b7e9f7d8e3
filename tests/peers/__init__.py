"""Defects found in other programs of this kind, each as a test that ours does not have it.

The number in a test's name is that of the defect in the list these tests were written from; its docstring tells the
defect. ``test_hazards`` goes through the hazards of values, keys and texts in the same way.
"""
