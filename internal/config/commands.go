package config

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Command is a command of the program. Without a command the program serves.
type Command struct {
	Name      string
	Arguments string // as the usage shows them
	Help      string // one line
}

// The names of the commands.
const (
	TokenCommand    = "token"        // makes a token
	CheckCommand    = "check-config" // checks the settings
	DiagnoseCommand = "diagnose"     // checks what a gateway needs
	HealthCommand   = "healthcheck"  // asks a running gateway whether it is ready
	VersionCommand  = "version"      // prints the version
)

// Commands has all commands but help.
var Commands = []Command{
	{
		Name: TokenCommand, Arguments: "NAME",
		Help: "Make a secret for --token-file or --router-file, and print it and its entry.",
	},
	{
		Name: CheckCommand, Arguments: "[FLAGS]",
		Help: "Check the settings of a gateway with these flags and variables, and the files that they name, without any " +
			"network. It prints every mistake, with file, line and column.",
	},
	{
		Name: DiagnoseCommand, Arguments: "[--json] [FLAGS]",
		Help: "Check what a gateway with these flags and variables needs of the network: names, certificates, clocks, the " +
			"rights of each Atlas credential in each project, calls left, the OpenID provider and Redis. It only reads.",
	},
	{
		Name: HealthCommand, Arguments: "[FLAGS]",
		Help: "Ask the gateway that runs with these flags and variables on this machine whether it is ready; for containers " +
			"without a shell.",
	},
	{Name: VersionCommand, Arguments: "", Help: "Print the version, the revision of the source code, and that of Go."},
}

// program is the name of the program in the help.
const program = "atlas-restore-gateway"

// Usage returns how the command is called.
func (c Command) Usage() string { return strings.TrimSpace(program + " " + c.Name + " " + c.Arguments) }

// ParseCommand returns the command that args begin with, and the arguments that follow it. The name is "" when args
// begin with a flag or are empty: they are for Parse then. When the help of a command is asked for, it is printed to
// stdout, and the error is ErrHelp. Another error is one line and says what to do.
func ParseCommand(args []string, stdout io.Writer) (name string, rest []string, err error) {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return "", args, nil
	}
	if args[0] == helpCommand {
		if len(args) == 1 {
			return "", []string{"--help"}, nil
		}
		args = []string{args[1], "--help"}
	}
	i := slices.IndexFunc(Commands, func(c Command) bool { return c.Name == args[0] })
	if i < 0 {
		return "", nil, unknownCommand(args[0])
	}
	command, rest := Commands[i], args[1:]
	if slices.ContainsFunc(rest, isHelp) || len(rest) == 1 && rest[0] == helpCommand {
		fmt.Fprintf(stdout, "Usage: %s\n\n%s\n", command.Usage(), command.Help)
		return "", nil, ErrHelp
	}
	return command.Name, rest, nil
}

// helpCommand is the command that prints the help, as --help does.
const helpCommand = "help"

func isHelp(argument string) bool { return argument == "--help" || argument == "-h" }

func unknownCommand(name string) error {
	names := make([]string, 0, 1+len(Commands))
	names = append(names, helpCommand)
	for _, c := range Commands {
		names = append(names, c.Name)
	}
	if like := nearest(name, names, maxDistance); like != "" {
		return fmt.Errorf("unknown command %q: did you mean %s? (--help lists the commands and the flags)", name, like)
	}
	return fmt.Errorf("unknown command %q (--help lists the commands and the flags)", name)
}

// ErrHelp reports that the help was asked for and has been printed.
var ErrHelp = errors.New("help was asked for")

// commandsHelp returns the help of the commands.
func commandsHelp() string {
	var b strings.Builder
	b.WriteString("Commands (without one it serves):\n\n")
	for _, c := range append(slices.Clone(Commands), Command{
		Name: helpCommand, Arguments: "[COMMAND]", Help: "Print this help, or that of a command.",
	}) {
		fmt.Fprintf(&b, "    %-26s %s\n", c.Name+" "+c.Arguments, c.Help)
	}
	return b.String()
}
