package io.tidegate.server.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files that the dashboard consists of, out of the jar, with the headers that keep it to itself: no request leaves its
 * origin, and nothing runs in it that isn't a file of its own.
 *
 * <p><b>Threads:</b> any that may read a file.
 */
final class Pages {

    private static final String OWN = "/io/tidegate/server/admin/dashboard/";
    /** The chart library, as its publisher packed it. */
    private static final String CHARTS = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

    private static final Pattern PATH =
            Pattern.compile("/dashboard/(uplot/)?([A-Za-z-]+(?:\\.(?:min|esm))?\\.(js|css|svg))");

    private static final String HTML = "text/html; charset=utf-8";
    private static final Map<String, String> TYPES = Map.of(
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final Map<String, Reply> read = new ConcurrentHashMap<>();

    /** Whether a file of the dashboard may be at this path. */
    static boolean mayBeAt(String path) {
        return path.equals("/") || PATH.matcher(path).matches();
    }

    /** The file at a path; {@code null} if there is none. */
    @Nullable
    Reply at(String path) {
        if (path.equals("/")) {
            return file(OWN + "index.html", HTML);
        }
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return null;
        }
        String folder = matcher.group(1) == null ? OWN : CHARTS;
        return file(folder + matcher.group(2), TYPES.getOrDefault(matcher.group(3), HTML));
    }

    private @Nullable Reply file(String resource, String type) {
        Reply known = read.get(resource);
        if (known != null) {
            return known;
        }
        try (InputStream in = Pages.class.getResourceAsStream(resource)) {
            if (in == null) {
                return null;
            }
            Reply page = Reply.ok(type, in.readAllBytes())
                    .with(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY)
                    .with("X-Content-Type-Options", "nosniff")
                    .with("Referrer-Policy", "no-referrer");
            read.put(resource, page);
            return page;
        } catch (IOException e) {
            throw new UncheckedIOException("can't read " + resource, e);
        }
    }
}
