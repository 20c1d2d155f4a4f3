<%@ page contentType="text/html; charset=UTF-8" %>
<!DOCTYPE html>
<title>Guestbook</title>
<p>Seven times six is <%= 7 * 6 %>. <a href="/entries">Entries</a></p>
