"""The official form of a plan: spreadsheet in and out, PDF, the national tool's grid."""
