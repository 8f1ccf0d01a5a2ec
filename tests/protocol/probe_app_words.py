SECRET_WORD = "what-the-owner-typed"
