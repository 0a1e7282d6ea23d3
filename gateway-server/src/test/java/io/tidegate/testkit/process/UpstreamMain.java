package io.tidegate.testkit.process;

import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.io.IOException;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The program of {@link UpstreamProcess}: {@code PORT KIND}. It ends with its standard input. */
final class UpstreamMain {
    private UpstreamMain() {}

    public static void main(String[] arguments) throws IOException {
        Script script = switch (UpstreamProcess.Kind.valueOf(arguments[1].toUpperCase(Locale.ROOT))) {
            case ECHO -> answering((connection, message) -> connection.send(message.unmasked()));
            case JSON_RPC -> answering(UpstreamMain::call);
            case SINK -> answering((connection, message) -> {});
            case FRAGILE ->
                answering(UpstreamMain::answerUnlessPoisoned)
                        .except(connection -> connection.target().contains("crash"), Script.HANG_UP);
            case FAILING -> Script.refuse(500, "no");
            case DYING -> Script.DROP;
        };
        ScriptedUpstream upstream = ScriptedUpstream.startOn(Integer.parseInt(arguments[0]), connection -> {
            tell("connection " + connection.target());
            script.serve(connection);
        });
        tell("listening on " + upstream.port());
        while (System.in.read() >= 0) {
            // until the parent is gone
        }
        System.exit(0);
    }

    private static void answerUnlessPoisoned(Peer connection, Frame message) {
        if (message.text().equals("poison")) {
            connection.reset();
        } else {
            connection.send(message.unmasked());
        }
    }

    /** What a kind does with a message. */
    @FunctionalInterface
    private interface Answer {
        void to(UpstreamConnection connection, Frame message);
    }

    private static Script answering(Answer answer) {
        return connection -> {
            connection.accept();
            connection.onFrame(frame -> {
                switch (frame.opcode()) {
                    case Frame.TEXT, Frame.BINARY -> {
                        tell("message " + frame.text());
                        answer.to(connection, frame);
                    }
                    case Frame.PING -> connection.send(Frame.of(Frame.PONG, frame.payload()));
                    case Frame.CLOSE -> {
                        connection.send(frame.unmasked());
                        connection.shutdownOutput();
                    }
                    default -> {
                        // a Pong
                    }
                }
            });
        };
    }

    private static void call(Peer connection, Frame message) {
        JsonNode request = Json.MAPPER.readTree(message.text());
        if (request.has("id")) {
            connection.send(Frame.text("{\"jsonrpc\":\"2.0\",\"id\":" + request.get("id") + ",\"result\":"
                    + request.path("params") + "}"));
        }
    }

    /** Loaded by those who need it only. */
    private static final class Json {
        static final JsonMapper MAPPER = new JsonMapper();
    }

    private static synchronized void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
