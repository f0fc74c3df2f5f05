"""The pages of facilitators and coordinators: their communes, their cases, their spreadsheets."""
