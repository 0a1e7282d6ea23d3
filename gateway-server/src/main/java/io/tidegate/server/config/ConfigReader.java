package io.tidegate.server.config;

import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.document.Origin;
import io.tidegate.server.config.document.Problem;
import io.tidegate.server.config.document.Problems;
import io.tidegate.server.config.document.Substitution;
import io.tidegate.server.config.document.Value;
import io.tidegate.server.config.document.YamlDocument;
import io.tidegate.server.config.key.Binding;
import io.tidegate.server.config.key.InForce;
import io.tidegate.server.config.key.Key;
import io.tidegate.server.config.key.Overrides;
import io.tidegate.server.config.key.Scalar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration, whole, before anything is started.
 *
 * <p>A file's values come first, then what {@code TIDEGATE_…} variables set. Whatever is wrong is reported at once.
 */
public final class ConfigReader {

    private final Map<String, String> environment;
    private final Problems problems = new Problems();
    private final Substitution substitution;

    private ConfigReader(Map<String, String> environment) {
        this.environment = environment;
        this.substitution = new Substitution(environment);
    }

    /**
     * A valid configuration, and what its author should know all the same.
     *
     * @param warnings variables that look like settings and are none
     * @param yaml all that holds, defaults included, secrets hidden
     */
    public record Loaded(GatewayConfig config, List<Problem> warnings, String yaml) {
        public Loaded {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Reads a file.
     *
     * @param file YAML 1.2 or JSON, UTF-8, at most 1 MiB
     * @param env environment variables, for {@code ${NAME}} and {@code TIDEGATE_…}
     * @throws ConfigException with everything that is wrong, a missing or unreadable file included
     */
    public static GatewayConfig read(Path file, Map<String, String> env) throws ConfigException {
        return load(file, env).config();
    }

    /** The same as {@link #read}, with the warnings. */
    public static Loaded load(Path file, Map<String, String> env) throws ConfigException {
        ConfigReader reader = new ConfigReader(env);
        String text = ConfigFile.read(file, reader.problems);
        Value root = text == null ? null : YamlDocument.parse(file.toString(), text, reader.problems);
        if (root == null) {
            throw new ConfigException(reader.problems.sorted());
        }
        return reader.load(root);
    }

    /**
     * Makes a configuration without a file: one route {@code /} for all hosts to one upstream, {@code default}.
     *
     * @param options the command line's; these win over variables
     * @param env environment variables, for {@code TIDEGATE_…}; these win over the defaults
     * @throws ConfigException with everything that is wrong; each names its option or variable
     */
    public static Loaded load(CommandLineConfig options, Map<String, String> env) throws ConfigException {
        return new ConfigReader(options.remaining(env)).load(options.tree());
    }

    private Loaded load(Value file) throws ConfigException {
        Overrides overrides = new Overrides(ConfigKeys.GATEWAY, environment);
        Value root = overrides.apply(file, problems);
        checkRoutes(root);
        Binding binding = new Binding(ConfigKeys.GATEWAY, substitution, problems);
        GatewayConfig config = ConfigKeys.GATEWAY.bind(root, KeyPath.ROOT, binding);
        if (config == null || !problems.isEmpty()) {
            throw new ConfigException(problems.sorted());
        }
        List<Problem> warnings = overrides.warnings().stream()
                .filter(warning -> !substitution.used().contains(warning.source()))
                .toList();
        return new Loaded(config, warnings, InForce.yaml(ConfigKeys.GATEWAY, root, binding));
    }

    /** Looks at the routes as they are written, so that this is found whatever else is wrong with them. */
    private void checkRoutes(Value root) {
        Value upstreams = child(root, ConfigKeys.UPSTREAMS);
        if (!(child(root, ConfigKeys.ROUTES) instanceof Value.Items routes)) {
            return;
        }
        boolean named = upstreams instanceof Value.Fields;
        Set<String> names = upstreams instanceof Value.Fields fields
                ? new LinkedHashSet<>(fields.fields().keySet())
                : Set.of();
        List<Routes.Facts> facts = new ArrayList<>();
        for (Value route : routes.items()) {
            String upstream = named ? peek(route, ConfigKeys.ROUTE_UPSTREAM) : null;
            facts.add(
                    new Routes.Facts(peek(route, ConfigKeys.ROUTE_PATH), peek(route, ConfigKeys.ROUTE_HOST), upstream));
        }
        for (Routes.Finding finding : Routes.check(facts, names)) {
            Value route = routes.items().get(finding.index());
            String path = KeyPath.of(KeyPath.of(ConfigKeys.ROUTES.name(), finding.index()), finding.key());
            Value value = child(route, finding.key());
            Origin origin = (value == null ? route : value).origin();
            problems.add(origin, path, finding.found(), finding.expected(), finding.suggestion());
        }
    }

    /** A route's value, or null when there is none or it is wrong; then that is reported by the reading proper. */
    private @Nullable String peek(Value route, Key<String> key) {
        Value value = child(route, key);
        if (!(key.shape() instanceof Scalar<String> scalar) || !(route instanceof Value.Fields)) {
            return null;
        }
        if (value == null) {
            return key.defaultText();
        }
        Binding quiet = new Binding(ConfigKeys.GATEWAY, new Substitution(environment), new Problems());
        return scalar.bind(value, KeyPath.ROOT, quiet);
    }

    private static @Nullable Value child(Value value, Key<?> key) {
        return child(value, key.name());
    }

    private static @Nullable Value child(Value value, String key) {
        Value.Field field =
                value instanceof Value.Fields fields ? fields.fields().get(key) : null;
        return field == null ? null : field.value();
    }
}
