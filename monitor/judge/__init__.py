"""Judgement without I/O, clock or event loop: from observations to verdicts, from verdicts to states."""
