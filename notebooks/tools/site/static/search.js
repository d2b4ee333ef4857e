// What Sphinx's search says of the pages it found.

// A page that was opened as a file may not read others, so none is quoted.
DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY &&= location.protocol !== "file:";

// Quotes come from the article, which does not begin before the theme's own buttons.
if (typeof Search !== "undefined") {
  const { htmlToText } = Search;
  Search.htmlToText = (page, anchor) => {
    const article = new DOMParser().parseFromString(page, "text/html").querySelector("article");
    return htmlToText(`<div role="main">${article?.innerHTML ?? ""}</div>`, anchor);
  };
}
