const now: string = new Date().toDateString(); document.title = now;
