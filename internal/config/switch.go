package config

import "errors"

// Switch is on, off, or what fits the mode of the gateway.
type Switch int

// The positions of a Switch.
const (
	Auto Switch = iota
	On
	Off
)

// UnmarshalText reads auto, on or off.
func (s *Switch) UnmarshalText(text []byte) error {
	switch string(text) {
	case "auto":
		*s = Auto
	case "on":
		*s = On
	case "off":
		*s = Off
	default:
		return errors.New("must be auto, on or off")
	}
	return nil
}
