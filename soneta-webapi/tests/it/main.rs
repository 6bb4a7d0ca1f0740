//! Tests over HTTP: of the client against a scripted server, of the client against the simulator, and of the simulator itself.

#[cfg(test)]
mod contracts;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod envelope;
#[cfg(test)]
mod erp;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod session;
mod simulator;
