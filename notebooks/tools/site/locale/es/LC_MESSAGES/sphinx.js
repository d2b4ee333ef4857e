// What the search page says: Sphinx's own Spanish leaves some of it empty.
Documentation.addTranslations({
  locale: "es",
  plural_expr: "n === 1 ? 0 : 1",
  messages: {
    "Search Results": "Resultados de la búsqueda",
    Searching: "Buscando",
    "Preparing search...": "Preparando la búsqueda…",
    ", in ": ", en ",
    "Hide Search Matches": "Ocultar las coincidencias",
    "Search finished, found one page matching the search query.": [
      "Se encontró una página.",
      "Se encontraron ${resultCount} páginas.",
    ],
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
      "No se encontró ninguna página. ¿Están bien escritas todas las palabras?",
  },
});
