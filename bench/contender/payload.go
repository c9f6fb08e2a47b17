// Package contender makes sessions of one and the same state with sealjar, with its peers and with the bare standard
// library, so that they can be measured side by side.
package contender

import (
	"encoding/json"
	"fmt"
)

// State is what a web application might keep of a signed-in visitor.
type State struct {
	UserID   string   `json:"user_id"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Roles    []string `json:"roles"`
	Locale   string   `json:"locale"`
	Theme    string   `json:"theme"`
	CSRF     string   `json:"csrf"`
	Views    int      `json:"views"`
	ReturnTo string   `json:"return_to"`
	Cart     []Item   `json:"cart,omitempty"`
}

// Item is a line of a shopping cart.
type Item struct {
	SKU   string `json:"sku"`
	Count int    `json:"count"`
	Price int    `json:"price"`
}

// Payload is a state and its JSON.
type Payload struct {
	Name  string
	State State
	JSON  []byte
}

// Payloads are about 200, 340 and 1,900 bytes of JSON.
func Payloads() []Payload {
	var list []Payload
	for _, p := range []struct {
		name  string
		items int
	}{{"200 B", 0}, {"340 B", 3}, {"1.9 kB", 40}} {
		state := State{
			UserID: "u-01H8XKZ5Q2", Name: "Ada Lovelace", Email: "ada@example.com", Roles: []string{"admin", "editor"},
			Locale: "en-GB", Theme: "dark", CSRF: "q1w2e3r4t5y6u7i8o9p0a1", Views: 42, ReturnTo: "/orders?page=2",
		}
		for i := range p.items {
			state.Cart = append(state.Cart, Item{SKU: fmt.Sprintf("BK-%04d", 1000+i), Count: 1 + i%3, Price: 1999 + i})
		}
		text, err := json.Marshal(state)
		if err != nil {
			panic(err)
		}
		list = append(list, Payload{Name: p.name, State: state, JSON: text})
	}
	return list
}
