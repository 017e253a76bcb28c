"""The model that people take home: trained on all the data, saved, and used on new texts."""
