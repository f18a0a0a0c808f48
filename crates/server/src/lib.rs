//! The page, the models and the API over HTTP.
