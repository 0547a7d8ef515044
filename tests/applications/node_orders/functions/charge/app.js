"use strict";

class BankIsBusy extends Error {
    constructor(message) {
        super(message);
        this.name = "BankIsBusy";
    }
}

let attempts = 0;

exports.lambdaHandler = async (event) => {
    attempts += 1;
    if (event.busy && attempts <= event.busy) {
        throw new BankIsBusy(`attempt ${attempts}`);
    }
    return { number: `${event.id}-1`, total: event.total };
};
