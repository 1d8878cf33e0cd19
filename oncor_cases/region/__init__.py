"""The invented region: people, clinics, stories of patients, and the documents they leave behind. Nothing here is real."""
