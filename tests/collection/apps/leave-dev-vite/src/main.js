document.title = "hot";
