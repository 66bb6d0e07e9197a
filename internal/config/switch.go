package config

// Switch is on, off, or follows the mode of the gateway.
type Switch string

// The positions of a Switch.
const (
	Auto Switch = "auto" // on in demo mode
	On   Switch = "on"
	Off  Switch = "off"
)

// IsOn reports whether the switch is on in demo mode, or in live mode.
func (s Switch) IsOn(demo bool) bool { return s == On || s == Auto && demo }
