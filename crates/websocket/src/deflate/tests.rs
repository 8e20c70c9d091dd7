//! Parameters: offers, answers, agreements.
