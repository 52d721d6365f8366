"""The tour: the whole loop on real input, one line per step saying what it proved.

Data-driven: a chapter is a list of steps, a step is a title and a function. Later work adds steps
to a chapter or a chapter to `CHAPTERS`, nothing else.
"""

from diptych.app.tour import guard, prove
from diptych.app.tour.stage import Chapter, Stage, Step, StepFailed, play

__all__ = ["CHAPTERS", "Chapter", "Stage", "Step", "StepFailed", "play"]

CHAPTERS: tuple[Chapter, ...] = (prove.CHAPTER, guard.CHAPTER)
