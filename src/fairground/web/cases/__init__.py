"""After-sale cases as all three sides see them: the same sheet and timeline, other answers.

Begin at: `sheet.py` makes a case ready for its templates (`templates/_case/`); `answers.py` reads their forms.
"""
