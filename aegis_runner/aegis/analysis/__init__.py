"""The steps of an analysis, between the artifacts and the report. `aegis.app.analyze` puts them in order."""
