package diagnosis

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWriteTable_wrapsAndPrintsNoControlCharacters(t *testing.T) {
	var out strings.Builder
	err := WriteTable(&out, []Finding{
		found("dns: a.example", OK, "short", ""),
		found("rights: a-credential-of-a-team, 63f3484e1f3a9b27c6000001", Failed, strings.Repeat("word ", 60)+"\x1b[31mred\n",
			strings.Repeat("advice ", 30)),
		found("tls: "+strings.Repeat("long-", 10)+"name.example", Warning, "detail", "advice"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > tableWidth {
			t.Errorf("%d characters: %s", n, line)
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("a control character is printed")
	}
	row := "dns: a.example" + strings.Repeat(" ", 22) + "ok       short\n"
	for _, line := range []string{row, "→ advice", "FAILED", "\uFFFD[31mred\n"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("%q is not in\n%s", line, out.String())
		}
	}
}
