package replicas

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

const notFound = "PERSISTED_QUERY_NOT_FOUND"

// query returns a document that no other test has. Its answer has the alias.
func query(alias string) string {
	return fmt.Sprintf("query Marker { %s: projects(first: 1) { nodes { name } } }", alias)
}

// mustAnswer fails if the answer is not that of query(alias).
func mustAnswer(t *testing.T, answer, alias string) {
	t.Helper()
	if !strings.Contains(answer, `{"data":{"`+alias+`":{"nodes":[{"name":"`) {
		t.Errorf("the answer is %s", answer)
	}
}

func TestPersistedQueries_areFoundOnTheOtherReplica(t *testing.T) {
	r, key := startRedis(t), newSecret()
	one, other := startGateway(t, r, key), startGateway(t, r, key)
	one.waitUp(t, true)
	other.waitUp(t, true)
	if answer := other.ask(t, query("a"), false); !strings.Contains(answer, notFound) {
		t.Fatalf("before it was sent: %s", answer)
	}
	mustAnswer(t, one.ask(t, query("a"), true), "a")
	waitFor(t, "the other replica finds it", func() bool { return !strings.Contains(other.ask(t, query("a"), false), notFound) })
	mustAnswer(t, other.ask(t, query("a"), false), "a")

	t.Run("and a reader of Redis does not learn which", func(t *testing.T) {
		for _, name := range r.values() {
			if !regexp.MustCompile(`^atlas-restore-gateway:v1:[\w-]{43}$`).MatchString(name) {
				t.Errorf("a name is %q", name)
			}
			if value := r.tryCLI("GET", name); strings.Contains(value, "Marker") || strings.Contains(value, "projects") {
				t.Errorf("a value can be read: %s", value)
			}
			if ttl := strings.TrimSpace(r.tryCLI("TTL", name)); ttl == "-1" {
				t.Errorf("%s stays for ever", name)
			}
		}
	})
	t.Run("and not by a gateway with another secret", func(t *testing.T) {
		foreign := startGateway(t, r, newSecret())
		foreign.waitUp(t, true)
		if answer := foreign.ask(t, query("a"), false); !strings.Contains(answer, notFound) {
			t.Errorf("it finds %s", answer)
		}
	})
	t.Run("and by one whose secret is newer, with the old one below it", func(t *testing.T) {
		newer := startGateway(t, r, newSecret()+"\n"+key)
		newer.waitUp(t, true)
		mustAnswer(t, newer.ask(t, query("a"), false), "a")
	})
	t.Run("and not where a value is torn, wrong or of another name", func(t *testing.T) {
		_ = one.ask(t, query("b"), true)
		waitFor(t, "there are two values", func() bool { return len(r.values()) == 2 })
		names := r.values()
		for what, change := range map[string]func(){
			"torn":            func() { r.tryCLI("SETRANGE", names[0], "20", "XX"); r.tryCLI("SETRANGE", names[1], "20", "XX") },
			"a text":          func() { r.tryCLI("SET", names[0], query("a")); r.tryCLI("SET", names[1], query("b")) },
			"of another type": func() { r.tryCLI("DEL", names[0], names[1]); r.tryCLI("LPUSH", names[0], "a") },
		} {
			change()
			reader := startGateway(t, r, key)
			reader.waitUp(t, true)
			for _, alias := range []string{"a", "b"} {
				if answer := reader.ask(t, query(alias), false); !strings.Contains(answer, notFound) {
					t.Errorf("%s: the answer is %s", what, answer)
				}
			}
		}
	})
}

// commandsOf returns the commands that the server was sent.
func (r *redis) commandsOf(t *testing.T) []string {
	t.Helper()
	var commands []string
	for _, found := range regexp.MustCompile(`cmdstat_([\w|]+):`).FindAllStringSubmatch(r.tryCLI("INFO", "commandstats"), -1) {
		commands = append(commands, found[1])
	}
	return commands
}

func TestGateway_usesNoCommandNewerThanRedis62(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	r.tryCLI("CONFIG", "RESETSTAT")
	own := map[string]bool{"config|resetstat": true, "info": true, "command": true, "command|docs": true, "keys": true, "type": true}
	a := startAtlas(t, "")
	replicas := startReplicas(t, 2, a, r)
	_ = replicas[0].ask(t, query("a"), true)
	_ = replicas[1].ask(t, query("b"), false)
	id := a.control(t, "jobs?cluster="+flex+"&takes=1s")
	for _, g := range replicas {
		s := g.subscribe(t, id)
		waitFor(t, "the job succeeds", func() bool { return s.has("SUCCEEDED") })
	}
	waitFor(t, "scripts and messages were used", func() bool {
		used := strings.Join(r.commandsOf(t), " ")
		return strings.Contains(used, "evalsha") && strings.Contains(used, "publish") && strings.Contains(used, "zcard")
	})
	checked := 0
	for _, name := range r.commandsOf(t) {
		if own[name] {
			continue
		}
		checked++
		docs := r.tryCLI("COMMAND", "DOCS", strings.ReplaceAll(name, "|", " "))
		since := regexp.MustCompile(`since"?\n\s*(?:\d+\) )?"?(\d+)\.(\d+)`).FindStringSubmatch(docs)
		if container, _, isSub := strings.Cut(name, "|"); since == nil && isSub {
			docs = r.tryCLI("COMMAND", "DOCS", name, container)
			since = regexp.MustCompile(`since"?\n\s*(?:\d+\) )?"?(\d+)\.(\d+)`).FindStringSubmatch(docs)
		}
		if since == nil {
			t.Errorf("nothing says since when there is %s: %s", name, docs)
			continue
		}
		if version := since[1] + "." + since[2]; since[1] > "6" || version == "6.4" {
			t.Errorf("%s is of Redis %s", name, version)
		}
	}
	if checked < 15 {
		t.Errorf("%d commands were checked", checked)
	}
}

func TestGateway_answersWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		leave, again func(t *testing.T, r *redis)
	}{
		{
			name:  "killed, and back empty",
			leave: func(_ *testing.T, r *redis) { r.kill() },
			again: func(t *testing.T, r *redis) { t.Helper(); r.start(t) },
		},
		{
			name:  "stopped, and continued",
			leave: func(t *testing.T, r *redis) { t.Helper(); r.signal(t, syscall.SIGSTOP) },
			again: func(t *testing.T, r *redis) { t.Helper(); r.signal(t, syscall.SIGCONT) },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, key := startRedis(t), newSecret()
			one, other := startGateway(t, r, key), startGateway(t, r, key)
			one.waitUp(t, true)
			other.waitUp(t, true)
			tt.leave(t, r)
			for i := range 5 {
				alias := fmt.Sprintf("a%d", i)
				mustAnswer(t, one.ask(t, query(alias), true), alias)
				mustAnswer(t, one.ask(t, query(alias), false), alias)
				if answer := other.ask(t, query(alias), false); !strings.Contains(answer, notFound) {
					t.Errorf("the other replica has %s", answer)
				}
			}
			one.waitUp(t, false)
			if ready := one.get(t, "/health/ready"); !strings.Contains(ready, "ok") && !strings.Contains(ready, "ready") {
				t.Errorf("it says that it is not ready: %s", ready)
			}
			tt.again(t, r)
			one.waitUp(t, true)
			other.waitUp(t, true)
			mustAnswer(t, one.ask(t, query("later"), true), "later")
			waitFor(t, "they share again", func() bool { return !strings.Contains(other.ask(t, query("later"), false), notFound) })
			if n := strings.Count(one.log.String(), "Redis cannot be used"); n != 1 {
				t.Errorf("the log says %d times that Redis is away: %s", n, one.log)
			}
		})
	}
}

func TestGateway_startsWithoutRedis(t *testing.T) {
	t.Parallel()
	r, key := &redis{port: freePort(t), dir: t.TempDir()}, newSecret()
	t.Cleanup(r.kill)
	g := startGateway(t, r, key)
	mustAnswer(t, g.ask(t, query("a"), true), "a")
	g.waitUp(t, false)
	r.start(t)
	g.waitUp(t, true)
}

func TestGateway_readsThePasswordAgain(t *testing.T) {
	t.Parallel()
	r, key := startRedis(t, "--requirepass", "hunter2-redis"), newSecret()
	r.password = "hunter2-redis"
	password := write(t, "password", "wrong\n")
	g := startGateway(t, r, key, "--replica-redis-password-file="+password)
	mustAnswer(t, g.ask(t, query("a"), true), "a")
	waitFor(t, "it says so", func() bool { return strings.Contains(g.log.String(), "WRONGPASS") })
	if err := os.WriteFile(password, []byte("hunter2-redis\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g.waitUp(t, true)
	if log := g.log.String(); strings.Contains(log, "hunter2-redis") || strings.Contains(log, "wrong\n") {
		t.Errorf("the log has a password: %s", log)
	}
}
