"""Two lines inside an existing training: scikit-learn, MLflow, Hugging Face Trainer.

Nothing here is imported by the rest of diptych, and each module imports its library when called.
"""
