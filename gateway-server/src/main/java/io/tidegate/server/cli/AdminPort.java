package io.tidegate.server.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The admin port of a gateway that runs, as a command asks it. */
final class AdminPort {

    private static final String TOKEN_VARIABLE = "TIDEGATE_ADMIN_TOKEN";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--admin",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:9090",
            description = "The gateway's admin port. Default: ${DEFAULT-VALUE}")
    private String url = "";

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "What admin.token says. Default: the variable " + TOKEN_VARIABLE
                    + ", which keeps it out of the list of processes.")
    private @Nullable String token;

    /**
     * Asks for something.
     *
     * @return the lines of the answer, as they come
     * @throws IOException when there is no answer, or a refusal; the message says why
     */
    Stream<String> get(String path) throws IOException {
        return send("GET", path);
    }

    /** Has something done; else as {@link #get}. */
    Stream<String> post(String path) throws IOException {
        return send("POST", path);
    }

    private Stream<String> send(String method, String path) throws IOException {
        URI uri = uri(path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
        String secret = token == null ? System.getenv(TOKEN_VARIABLE) : token;
        if (secret != null) {
            request.header("Authorization", "Bearer " + checked(secret));
        }
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
        try {
            HttpResponse<Stream<String>> response = client.send(request.build(), HttpResponse.BodyHandlers.ofLines());
            if (response.statusCode() != 200) {
                throw new IOException(uri + " answers " + response.statusCode() + ": "
                        + response.body().collect(Collectors.joining(" ")));
            }
            return response.body();
        } catch (ConnectException e) {
            throw new IOException(
                    "no gateway answers at " + uri.resolve("/") + " (expected: a running one's admin port)", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private String checked(String secret) {
        if (secret.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            return secret;
        }
        throw new ParameterException(
                spec.commandLine(),
                (token == null ? TOKEN_VARIABLE : "--token")
                        + ": *** (expected: letters, digits and signs of ASCII, no blanks)");
    }

    private URI uri(String path) {
        try {
            URI base = URI.create(url.contains("://") ? url : "http://" + url);
            if ("http".equals(base.getScheme()) && base.getHost() != null) {
                return base.resolve(path);
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new ParameterException(
                spec.commandLine(), "--admin: " + url + " (expected: a URL such as http://127.0.0.1:9090)");
    }
}
