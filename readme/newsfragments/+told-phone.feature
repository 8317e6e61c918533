Customers can join by telephone: reminder and booking page name the numbers of the countries that the booking type chooses.
