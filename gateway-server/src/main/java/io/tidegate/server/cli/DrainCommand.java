package io.tidegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Has a running gateway end its sessions, and itself. */
@Command(
        name = "drain",
        description = {
            "Have a running gateway take no more clients, end its sessions in order, and end.",
            "Says how it goes, and what came of it."
        })
final class DrainCommand implements Callable<Integer> {

    private static final JsonFactory JSON = new JsonFactory();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private AdminPort admin = new AdminPort();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        boolean summed = false;
        try {
            for (Iterator<String> lines = admin.post("/api/drain").iterator(); lines.hasNext(); ) {
                String line = lines.next();
                String summary = text(line, "text");
                summed |= summary != null;
                out.println(
                        summary == null
                                ? text(line, "remaining") + " of " + text(line, "total") + " sessions left"
                                : summary);
                out.flush();
            }
        } catch (UncheckedIOException e) {
            throw new IOException("the gateway went before its drain was over: " + e.getMessage(), e);
        }
        if (!summed) {
            throw new IOException("the gateway went before its drain was over");
        }
        return ExitCode.FINE;
    }

    /** The value of a property, wherever it is in an object; null if there is none. */
    private static @Nullable String text(String json, String property) throws IOException {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.PROPERTY_NAME && parser.currentName().equals(property)) {
                    parser.nextToken();
                    return parser.getString();
                }
            }
            return null;
        } catch (JacksonException e) {
            throw new IOException("the gateway answers what is no JSON: " + json, e);
        }
    }
}
