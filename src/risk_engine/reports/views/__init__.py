"""Facts in, texts and tables out: what each page says, tested without its template."""
