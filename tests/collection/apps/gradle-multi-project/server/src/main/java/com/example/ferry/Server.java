package com.example.ferry;

import java.io.IOException;
import java.nio.file.Paths;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.AbstractHandler;
import org.eclipse.jetty.server.handler.HandlerList;
import org.eclipse.jetty.server.handler.ResourceHandler;
import org.eclipse.jetty.util.resource.Resource;

public class Server {
    public static void main(String[] args) throws Exception {
        Timetable timetable = Timetable.read(Paths.get(args[0], "timetable.json"));
        ResourceHandler pages = new ResourceHandler();
        pages.setBaseResource(Resource.newResource("jar:file:" + Paths.get(args[1]).toAbsolutePath() + "!/"));
        org.eclipse.jetty.server.Server server = new org.eclipse.jetty.server.Server(8200);
        server.setHandler(new HandlerList(new Answers(timetable), pages));
        server.start();
        server.join();
    }

    static class Answers extends AbstractHandler {
        private final Timetable timetable;

        Answers(Timetable timetable) {
            this.timetable = timetable;
        }

        @Override
        public void handle(String target, Request base, HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            if (target.equals("/health")) {
                response.getWriter().println("ok");
            } else if (target.equals("/departures")) {
                response.getWriter().println(timetable.harbour + " " + timetable.departures);
            } else {
                return;
            }
            base.setHandled(true);
        }
    }
}
