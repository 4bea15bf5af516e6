// The verdicts of crypto/x509 on the chains in a JSON file: empty, or why a chain is refused.
package main

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

type chain struct {
	Name, Host  string
	Sent, Roots []string
}

func certificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	return x509.ParseCertificate(block.Bytes)
}

func pool(texts []string) *x509.CertPool {
	made := x509.NewCertPool()
	for _, text := range texts {
		if one, err := certificate(text); err == nil {
			made.AddCert(one)
		}
	}
	return made
}

func verdict(one chain) string {
	leaf, err := certificate(one.Sent[0])
	if err != nil {
		return err.Error()
	}
	options := x509.VerifyOptions{
		DNSName:       one.Host,
		Roots:         pool(one.Roots),
		Intermediates: pool(one.Sent[1:]),
		CurrentTime:   time.Now(),
	}
	if _, err = leaf.Verify(options); err != nil {
		return err.Error()
	}
	return ""
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var chains []chain
	if err = json.Unmarshal(data, &chains); err != nil {
		panic(err)
	}
	verdicts := map[string]string{}
	for _, one := range chains {
		verdicts[one.Name] = verdict(one)
	}
	told, _ := json.Marshal(verdicts)
	fmt.Println(string(told))
}
