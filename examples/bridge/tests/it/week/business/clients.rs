//! Clients that come into being on ONe, and what they change of themselves.

use serde_json::{Value, json};

use super::super::world::{World, nip};

/// What the ids of clients that came into being on ONe begin with.
const NEWCOMERS: &str = "00000000-0000-4000-8000-00000001";

impl World {
    /// A client that the ERP does not know registers on ONe, and orders.
    pub(super) fn come_to_one(&mut self) {
        self.numbered += 1;
        let number = self.numbered;
        let id = format!("{NEWCOMERS}{number:04}");
        let address = json!({"street": "Żabia 7/2", "city": "Łódź", "zipCode": "90-001", "country": "PL"});
        let client = json!({"clientId": format!("org:{id}"), "name": format!("Przybysz {number}"), "tin": nip(number),
            "phone": format!("+48 600 {number:06}"), "address": address});
        self.keep_client(&client);
        self.order_of(&id);
        self.clients.push(id);
    }

    /// A client changes its telephone on ONe.
    pub(super) fn change_telephone(&mut self) {
        self.numbered += 1;
        let client = self.dice.pick(&self.clients).unwrap();
        let json = self.simulation.one.record("clients", &format!("org:{client}")).unwrap();
        let mut client: Value = serde_json::from_str(&json).unwrap();
        client["phone"] = format!("+48 700 {:06}", self.numbered).into();
        self.keep_client(&client);
    }

    fn keep_client(&self, client: &Value) {
        let (one, id) = (&self.simulation.one, client["clientId"].as_str().unwrap());
        one.put_record("clients", id, &client.to_string()).unwrap();
        let event = json!({"clientId": id, "type": "UPDATE"});
        one.tell_event("clients", &event.to_string()).unwrap();
    }

    /// The clients that order from the beginning, as the ERP knows them.
    pub(crate) fn introduce_buyers(&self) {
        let contractors = self.simulation.enova.contractors();
        for (id, kod) in self.clients.iter().zip(&self.buyers) {
            let buyer = contractors.iter().find(|contractor| contractor.kod == *kod).unwrap();
            let client = json!({"clientId": format!("org:{id}"), "name": buyer.nazwa, "tin": buyer.nip,
                "address": {"city": "Łódź"}});
            self.simulation.one.put_record("clients", &format!("org:{id}"), &client.to_string()).unwrap();
        }
    }
}
