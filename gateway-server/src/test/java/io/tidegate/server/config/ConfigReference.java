package io.tidegate.server.config;

import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.key.Group;
import io.tidegate.server.config.key.Key;
import io.tidegate.server.config.key.Listing;
import io.tidegate.server.config.key.Naming;
import io.tidegate.server.config.key.Scalar;
import io.tidegate.server.config.key.Shape;
import io.tidegate.server.config.key.VariableNames;
import io.tidegate.server.config.key.WordOrList;

/** Writes {@code docs/configuration.md} from the key definitions and an introduction. */
final class ConfigReference {

    private static final String INTRODUCTION = """
            # Configuration

            <!-- Generated from the key definitions. `GeneratedDocsTest` says how to write it anew. -->

            A gateway is described by one file, in YAML 1.2 or JSON:

            ```yaml
            listeners:
              - address: 127.0.0.1:8080
            admin:
              address: 127.0.0.1:9090
            upstreams:
              chat:
                endpoints: [ws://10.0.0.5:9001, ws://10.0.0.6:9001]
                balance: least-connections
                health: {interval: 5s}
              feed:
                endpoints: ["ws://${FEED_HOST:-127.0.0.1}:9100/v2"]
            routes:
              - path: /chat
                upstream: chat
                continuity: reconnect
                reconnectFor: 5m
                requests: {protocol: json-rpc}
                prologue: {first: 1}
              - path: /feed
                host: "*.example.com"
                upstream: feed
                limits: {message: 16MiB, frame: 1MiB}
            ```

            `check --config FILE` reads it, with the environment as it is, and reports every problem at once, each with \
            its line, key path, what was found and what was expected. `run --config FILE` does the same before it starts \
            anything, and ends with exit code 78 when there is a problem. A key that is not on this page is an error, and \
            so is a key that stands twice.

            With [schema.json](schema.json) an editor checks a file while you write it. For the YAML language server, let \
            the first line be `# yaml-language-server: $schema=` and the path of the schema.

            ## The file

            - UTF-8, at most 1 MiB, one document, at most 40 levels deep. Anchors and aliases work; tags and merge keys \
            (`<<`) do not.
            - Whether a value is quoted makes no difference. Quote what YAML would take for something else: `"*"`, \
            `"[::]:8080"`, and in `[…]` and `{…}` also texts with `${…}`.
            - A key with nothing behind it, or `null`, is an error: leave the key out.
            - **Durations** are a whole number and `ms`, `s`, `m` or `h`: `500ms`, `2s`. There is no default unit.
            - **Sizes** are a whole number of bytes, or one with `B`, `KB`, `MB`, `GB` (powers of 1000), `KiB`, `MiB` or \
            `GiB` (powers of 1024): `512`, `64KiB`.
            - **Percentages** and **rates** are a whole number with `%` and `/s`: `50%`, `500/s`.

            ## Environment variables in the file

            | in a value | stands for |
            |---|---|
            | `${NAME}` | the variable's value; an error when it is unset |
            | `${NAME:-default}` | the variable's value; the default when it is unset or empty |
            | `$${` | a literal `${` |

            They may be anywhere in a value, also several in one, and a default may hold others. They do not work in keys. \
            The value of a variable is not looked into again.

            ## Variables that set a key

            Every key can also be set by a variable, which wins over the file: `TIDEGATE_`, then the path in capitals, \
            with `_` between its parts and between the words of a key. Each key below names its variable.

            | variable | key |
            |---|---|
            | `TIDEGATE_ADMIN_ADDRESS` | `admin.address` |
            | `TIDEGATE_LISTENERS_0_ADDRESS` | `listeners[0].address` |
            | `TIDEGATE_UPSTREAMS_CHAT_CONNECT_TIMEOUT` or `…_CONNECTTIMEOUT` | `upstreams.chat.connectTimeout` |
            | `TIDEGATE_UPSTREAMS_CHAT_ENDPOINTS=ws://a:1,ws://b:1` | `upstreams.chat.endpoints`, all of it |
            | `TIDEGATE_UPSTREAMS_CHAT_ENDPOINTS_0` | `upstreams.chat.endpoints[0]` |

            - What the file lacks is added: a key, a list element at the end of its list, an upstream. A new upstream's \
            name is the variable's, in small letters and with `-` for `_`.
            - In a name from the file, whatever is no letter or digit is written `_`: `CHAT_EU` means `chat-eu`, \
            `chat.eu` or `chat_eu`.
            - Values are taken literally: no `${…}`. An empty variable counts as unset.
            - They also work for `run --upstream`, with the names `listeners[0]`, `admin`, `upstreams.default`, \
            `routes[0]` and `log`. An option wins over a variable.
            - A variable with the prefix that means no key is only warned of: in Kubernetes, a service named `tidegate` \
            makes such ones.

            ## Keys
            """;

    private final StringBuilder out = new StringBuilder(INTRODUCTION);

    private ConfigReference() {}

    static String write() {
        ConfigReference writer = new ConfigReference();
        writer.group(ConfigKeys.GATEWAY, KeyPath.ROOT, VariableNames.PREFIX);
        return writer.out.toString();
    }

    private void group(Group<?> group, String path, String variable) {
        for (Key<?> key : group.keys()) {
            key(key, KeyPath.of(path, key.name()), variable + VariableNames.of(key.name()));
        }
    }

    private void key(Key<?> key, String path, String variable) {
        out.append("\n### `").append(path).append("`\n\n");
        out.append("Takes ").append(what(key.shape())).append(" · ").append(presence(key));
        if (isSettable(key.shape())) {
            out.append(" · `").append(variable).append('`');
        }
        out.append("\n\n").append(key.doc()).append('\n');
        below(key.shape(), path, variable);
    }

    private void below(Shape<?> shape, String path, String variable) {
        if (shape instanceof Group<?> group) {
            group(group, path, variable + "_");
        } else if (shape instanceof Listing<?> listing) {
            below(listing.element(), path + "[]", variable + "_0");
        } else if (shape instanceof Naming<?> naming) {
            below(naming.element(), KeyPath.of(path, "NAME"), variable + "_NAME");
        }
    }

    private static String what(Shape<?> shape) {
        return shape instanceof Group<?> ? "a map" : shape.expected();
    }

    private static boolean isSettable(Shape<?> shape) {
        return shape instanceof Scalar<?>
                || shape instanceof WordOrList<?, ?>
                || (shape instanceof Listing<?> list && list.element() instanceof Scalar<?>);
    }

    private static String presence(Key<?> key) {
        return switch (key.presence()) {
            case REQUIRED -> "required";
            case OPTIONAL -> "optional";
            case DEFAULT -> key.defaultText() == null ? "optional" : "default `" + key.defaultText() + "`";
        };
    }
}
