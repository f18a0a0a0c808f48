-- What who gave a recording said of it and its file does not: an object of texts, such as {"position": "45.07, 7.69"}.
ALTER TABLE recordings ADD COLUMN told TEXT NOT NULL DEFAULT '{}';
