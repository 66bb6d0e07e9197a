package diagnosis

import (
	"bufio"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The widths of the table, in characters.
const (
	tableWidth  = 100
	checkWidth  = 34
	resultWidth = len("warning")
	gap         = "  "
)

// WriteTable writes the findings as a table of three columns: the check, the result, and the detail with the advice
// below it. Lines are at most 100 characters long, unless a word is longer than its column.
func WriteTable(w io.Writer, findings []Finding) error {
	out := bufio.NewWriter(w)
	width := 0
	for _, f := range findings {
		for _, line := range wrap(f.Check, checkWidth) {
			width = max(width, utf8.RuneCountInString(line))
		}
	}
	width = min(width, checkWidth)
	for _, f := range findings {
		result := string(f.Result)
		if f.Result == Failed {
			result = "FAILED" // is found at once
		}
		rest := tableWidth - width - resultWidth - 2*len(gap)
		details := wrap(f.Detail, rest)
		for i, line := range wrap(f.Advice, rest-2) {
			prefix := "  "
			if i == 0 {
				prefix = "→ "
			}
			details = append(details, prefix+line)
		}
		writeRow(out, width, wrap(f.Check, width), []string{result}, details)
	}
	return out.Flush()
}

// writeRow writes the lines of the cells of one row. A name that is wider than its column has a line of its own.
func writeRow(out *bufio.Writer, width int, check, result, details []string) {
	at := func(cell []string, i int) string {
		if i < 0 || i >= len(cell) {
			return ""
		}
		return cell[i]
	}
	shift := 0
	if utf8.RuneCountInString(at(check, 0)) > width {
		shift = 1
	}
	for i := 0; i < max(len(check), len(result)+shift, len(details)+shift); i++ {
		line := pad(at(check, i), width) + gap + pad(at(result, i-shift), resultWidth) + gap + at(details, i-shift)
		_, _ = out.WriteString(strings.TrimRight(line, " ") + "\n") // Flush returns the error
	}
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// wrap breaks a text between its words into lines of at most width characters. Characters that a terminal would not
// print are replaced, because certificates and errors hold texts of others.
func wrap(text string, width int) (lines []string) {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, text)
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// list joins names as a sentence does: "a, b and c".
func list(names []string) string { return join(names, "and") }

// join joins names with commas, and the last one with a word.
func join(names []string, word string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + word + " " + names[len(names)-1]
}
